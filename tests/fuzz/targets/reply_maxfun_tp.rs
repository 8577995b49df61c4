#![no_main]

paywand_fuzz::target!("reply_maxfun_tp");
