"""The tables of the demo shop. Raise VERSION when anything here, or in the seeding, changes."""

from __future__ import annotations

VERSION = 1
SEED = 2026

TABLES = """
CREATE TABLE customer (
  id TEXT PRIMARY KEY, name TEXT, phone TEXT, email TEXT, level TEXT,
  points INTEGER, spent INTEGER, address TEXT);
CREATE TABLE product (
  id INTEGER PRIMARY KEY, name TEXT, name_en TEXT, category TEXT, brand TEXT, price INTEGER,
  facts TEXT, facts_en TEXT, warranty_months INTEGER, install INTEGER, sales INTEGER);
CREATE TABLE sku (
  product_id INTEGER, spec TEXT, stock INTEGER, restock_days INTEGER,
  PRIMARY KEY (product_id, spec)) WITHOUT ROWID;
CREATE TABLE price (
  product_id INTEGER, at INTEGER, price INTEGER, PRIMARY KEY (product_id, at)) WITHOUT ROWID;
CREATE TABLE orders (
  id TEXT PRIMARY KEY, user_id TEXT, state TEXT, created INTEGER, paid_at INTEGER, ship_by INTEGER,
  shipped_at INTEGER, signed_at INTEGER, paid INTEGER, charged_twice INTEGER, discount INTEGER,
  freight INTEGER, method TEXT, recipient TEXT, phone TEXT, address TEXT,
  note TEXT NOT NULL DEFAULT '', urged INTEGER NOT NULL DEFAULT 0,
  protected INTEGER NOT NULL DEFAULT 0);
CREATE INDEX orders_of ON orders (user_id);
CREATE TABLE item (
  order_id TEXT, line INTEGER, product_id INTEGER, spec TEXT, quantity INTEGER, price INTEGER,
  PRIMARY KEY (order_id, line)) WITHOUT ROWID;
CREATE TABLE parcel (
  order_id TEXT PRIMARY KEY, tracking_no TEXT, courier TEXT, stage TEXT, eta INTEGER,
  wish TEXT NOT NULL DEFAULT '');
CREATE TABLE event (
  order_id TEXT, at INTEGER, zh TEXT, en TEXT, PRIMARY KEY (order_id, at)) WITHOUT ROWID;
CREATE TABLE refund (
  id INTEGER PRIMARY KEY, order_id TEXT, aftersale_id INTEGER, amount INTEGER CHECK (amount > 0),
  state TEXT, created INTEGER, due INTEGER, method TEXT);
CREATE INDEX refund_of ON refund (order_id);
CREATE TABLE aftersale (
  id INTEGER PRIMARY KEY, order_id TEXT, kind TEXT, state TEXT, reason TEXT, created INTEGER,
  updated INTEGER, amount INTEGER, wish TEXT NOT NULL DEFAULT '');
CREATE INDEX aftersale_of ON aftersale (order_id);
CREATE TABLE invoice (
  order_id TEXT PRIMARY KEY, title TEXT, tax_id TEXT, email TEXT, state TEXT, amount INTEGER);
CREATE TABLE coupon (
  id INTEGER PRIMARY KEY, user_id TEXT, name TEXT, name_en TEXT, grp TEXT, threshold INTEGER,
  off INTEGER, percent INTEGER, category TEXT, ends INTEGER, used INTEGER);
CREATE INDEX coupon_of ON coupon (user_id);
CREATE TABLE ticket (
  id INTEGER PRIMARY KEY, user_id TEXT, kind TEXT, order_id TEXT, text TEXT, created INTEGER);
CREATE TABLE effects (key TEXT PRIMARY KEY, result TEXT);
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, user_id TEXT, tool TEXT, subject TEXT, wall INTEGER);
CREATE INDEX journal_of ON journal (user_id, wall);
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER);
"""

NAMES = (
    "customer", "product", "sku", "price", "orders", "item", "parcel", "event", "refund",
    "aftersale", "invoice", "coupon", "ticket", "effects", "journal", "meta",
)  # fmt: skip
