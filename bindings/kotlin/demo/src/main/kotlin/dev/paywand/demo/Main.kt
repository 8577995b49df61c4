package dev.paywand.demo

import dev.paywand.PaymentKind
import dev.paywand.PaymentState
import dev.paywand.PaywandException
import dev.paywand.Terminal
import dev.paywand.TerminalConfig
import dev.paywand.Wallet
import kotlinx.coroutines.runBlocking
import java.io.FileDescriptor
import java.io.FileOutputStream
import java.io.IOException
import java.io.PrintStream
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.system.exitProcess

private const val HELP =
    """Usage: paywand-demo --sandbox PATH [--keep DIR]

Performs every operation of five gateways, then lives through three bad days, against the sandbox's pretend gateways.
Ends with 0 if the till and the gateways' ledger agree on everything, with 1 if they do not, with 2 if it could not run.

  --sandbox PATH  the program paywand-sandbox
  --keep DIR      leave the till's database in DIR, which must not hold one yet
  --help          this text
"""

fun main(arguments: Array<String>) {
    // Chinese names whatever the locale.
    val out = PrintStream(FileOutputStream(FileDescriptor.out), true, Charsets.UTF_8)
    if ("--help" in arguments) {
        out.print(HELP)
        return
    }
    val agreed =
        try {
            Options.read(arguments).inFolder { folder, sandbox -> demo(folder, sandbox, out) }
        } catch (e: IllegalArgumentException) {
            fail(e.message)
        } catch (e: IOException) {
            fail(e.message)
        } catch (e: PaywandException) {
            fail(e.toString())
        }
    exitProcess(if (agreed) 0 else 1)
}

/** Whether the till and the ledger agree. */
private fun demo(
    folder: Path,
    program: String,
    out: PrintStream,
): Boolean =
    Sandbox(program).use { sandbox ->
        Terminal.open(TerminalConfig("${folder.resolve(DATABASE)}", gateways(sandbox))).use { terminal ->
            runBlocking {
                val till = Till(terminal, sandbox)
                val report = Report(out, sandbox.https)
                report.begin()
                val outcomes = mutableListOf<Outcome>()
                for (way in WAYS) outcomes += till.everyOperation(way, report::row)
                report.badDays()
                outcomes += BAD_DAYS.map { sale -> till.sell(sale).also(report::story) }
                report.end(outcomes)
            }
        }
    }

private val BAD_DAYS =
    listOf(
        Sale(
            gateway = "blueocean",
            kind = PaymentKind.CHARGE,
            story = "The money moves, and the answer is lost on its way back.",
            plan = """{"rules": [{"op": "charge", "do": "lost_after"}]}""",
            expected = PaymentState.PAID,
        ),
        Sale(
            gateway = "blueocean",
            kind = PaymentKind.CHARGE,
            story = "The customer never types the password.",
            plan = """{"customer": {"do": "never"}}""",
            expected = PaymentState.REVERSED,
        ),
        Sale(
            gateway = "bjrcb",
            kind = PaymentKind.CHARGE,
            wallet = Wallet.ALIPAY,
            story = "Somebody answers in the gateway's name: every signature is forged.",
            plan =
                """{"rules": [{"op": "charge", "do": "bad_signature"},
                              {"op": "query", "do": "bad_signature", "times": 0}]}""",
            expected = PaymentState.NEEDS_ATTENTION,
        ),
    )

private const val DATABASE = "paywand-demo.db"

private class Options(
    private val sandbox: String,
    private val keep: Path?,
) {
    /** Runs [work] in the folder to keep, or in one that is deleted afterwards. */
    fun <T> inFolder(work: (Path, String) -> T): T {
        if (keep != null) {
            require(
                !keep.resolve(DATABASE).exists(),
            ) { "$keep holds a database of an earlier demo; name another folder" }
            return work(keep.createDirectories(), sandbox)
        }
        val folder = Files.createTempDirectory("paywand-demo")
        return try {
            work(folder, sandbox)
        } finally {
            folder.toFile().deleteRecursively()
        }
    }

    companion object {
        fun read(arguments: Array<String>): Options {
            val values = mutableMapOf<String, String>()
            for (pair in arguments.toList().chunked(2)) {
                val name = pair.first()
                require(name == "--sandbox" || name == "--keep") { "$name is not an option; see --help" }
                values[name] = requireNotNull(pair.getOrNull(1)) { "$name wants a path" }
            }
            val sandbox = requireNotNull(values["--sandbox"]) { "--sandbox PATH is missing; see --help" }
            return Options(sandbox, values["--keep"]?.let(Path::of))
        }
    }
}

private fun fail(reason: String?): Nothing {
    System.err.println("paywand-demo: $reason")
    exitProcess(2)
}
