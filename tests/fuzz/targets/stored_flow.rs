#![no_main]

paywand_fuzz::target!("stored_flow");
