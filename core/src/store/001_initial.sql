-- Schema 1. A step that has been released is never edited: the next one is 002_….sql.

-- One row: what the next payment and the next journal row are made from, changed in the commit that they are part of.
CREATE TABLE meta (
    one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    code_key BLOB    NOT NULL CHECK (length(code_key) = 32), -- random, of this file: hashes payment codes
    order_ms INTEGER NOT NULL,                               -- time part of the newest order number
    time_ms  INTEGER NOT NULL,                               -- highest time_ms of the journal
    head_n   INTEGER NOT NULL,                               -- newest journal row, 0 for none
    head     BLOB    NOT NULL CHECK (length(head) = 32)      -- its hash
) STRICT;

-- One row for each payment: where it stands now.
CREATE TABLE payment (
    id                   INTEGER NOT NULL PRIMARY KEY,
    request_key          TEXT    NOT NULL UNIQUE,
    gateway              TEXT    NOT NULL,
    kind                 TEXT    NOT NULL,
    order_number         TEXT    NOT NULL UNIQUE CHECK (length(order_number) BETWEEN 1 AND 32),
    amount_minor         INTEGER NOT NULL,
    currency             TEXT    NOT NULL,
    state                TEXT    NOT NULL,
    is_final             INTEGER NOT NULL,
    reason               TEXT,
    gateway_code         TEXT,
    evidence             TEXT,
    received_minor       INTEGER,
    received_currency    TEXT,
    paid_at_ms           INTEGER,
    gateway_order_number TEXT,
    pay_url              TEXT,
    contradicted         INTEGER NOT NULL,
    cancel_too_late      INTEGER NOT NULL,
    acknowledged         INTEGER NOT NULL,
    follow_up            TEXT    NOT NULL,
    code_masked          TEXT,
    wallet               TEXT,
    subject              TEXT    NOT NULL,
    detail               TEXT,
    cashier              TEXT,
    store                TEXT,
    terminal             TEXT,
    attach               TEXT,
    metadata             TEXT    NOT NULL,                   -- JSON
    settled_by           TEXT,                               -- JSON
    business_day         TEXT    NOT NULL,
    created_at_ms        INTEGER NOT NULL,
    updated_at_ms        INTEGER NOT NULL,
    seq                  INTEGER NOT NULL,                   -- of its newest journal row, from 1
    flow                 TEXT    NOT NULL,                   -- JSON
    account              TEXT    NOT NULL,                   -- fingerprint of the gateway account; no secret
    code_hash            BLOB,                               -- keyed, NULL once the payment is final
    unfinished           INTEGER NOT NULL CHECK (unfinished IN (0, 1)),
    in_doubt             INTEGER NOT NULL CHECK (in_doubt IN (0, 1))
) STRICT;

-- What is pending costs what is pending. A query must spell the predicate as it stands here.
CREATE INDEX payment_unfinished ON payment (id) WHERE unfinished = 1;
CREATE INDEX payment_in_doubt ON payment (id) WHERE in_doubt = 1;
CREATE INDEX payment_business_day ON payment (business_day);
CREATE INDEX payment_state ON payment (state);

-- Append-only: why each commit was made, each row sealed with the hash of the one before it.
CREATE TABLE journal (
    n          INTEGER NOT NULL PRIMARY KEY,
    payment_id INTEGER NOT NULL REFERENCES payment (id),
    seq        INTEGER NOT NULL,
    at_ms      INTEGER NOT NULL,                             -- wall clock
    time_ms    INTEGER NOT NULL,                             -- boot clock, offset so that it never falls
    state      TEXT    NOT NULL,
    event      TEXT    NOT NULL,
    flow       TEXT,
    hash       BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE UNIQUE INDEX journal_payment ON journal (payment_id, seq);
