#![no_main]

paywand_fuzz::target!("base_url");
