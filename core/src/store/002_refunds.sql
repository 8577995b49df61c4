-- Schema 2: a refund is a row of its own, of kind 'refund', that names the payment which it gives back.

ALTER TABLE payment ADD COLUMN refundable_minor INTEGER;         -- in the payment's currency
ALTER TABLE payment ADD COLUMN refund_of INTEGER REFERENCES payment (id);
ALTER TABLE payment ADD COLUMN original TEXT;                    -- JSON, with refund_of: the payment as it was begun

CREATE INDEX payment_refund_of ON payment (refund_of) WHERE refund_of IS NOT NULL;
