import com.android.tools.r8.CompilationFailedException;
import com.android.tools.r8.R8;
import com.android.tools.r8.R8Command;
import com.android.tools.r8.origin.Origin;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs R8 with each rules file of a folder: NAME.pro makes NAME.jar, and NAME.log of what R8 says. In one process, since R8 is
 * slow only until the JVM has compiled it. Arguments: the folder, then R8's own.
 */
public final class Shrink {
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        List<Path> rules;
        try (Stream<Path> files = Files.list(folder)) {
            rules = files.filter(file -> file.toString().endsWith(".pro")).sorted().collect(Collectors.toList());
        }
        for (Path file : rules) {
            shrink(file, Arrays.copyOfRange(args, 1, args.length));
        }
    }

    private static void shrink(Path rules, String[] common) throws IOException {
        String name = rules.toString().replaceFirst("\\.pro$", "");
        String[] own = {"--pg-conf", rules.toString(), "--output", name + ".jar"};
        String[] all = Stream.concat(Arrays.stream(common), Arrays.stream(own)).toArray(String[]::new);
        PrintStream console = System.err;
        try (PrintStream log = new PrintStream(name + ".log")) {
            System.setErr(log);
            R8.run(R8Command.parse(all, Origin.root()).build());
        } catch (CompilationFailedException e) {
            // The log says why; there is no jar.
        } finally {
            System.setErr(console);
        }
    }
}
