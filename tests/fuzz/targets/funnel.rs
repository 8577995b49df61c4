#![no_main]

paywand_fuzz::target!("funnel");
