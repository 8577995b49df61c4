#![no_main]

paywand_fuzz::target!("http_date");
