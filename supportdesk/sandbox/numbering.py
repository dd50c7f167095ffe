"""The numbers new records get: ids of a live store's size, each kind from a place of its own, so that none is taken for another."""

from __future__ import annotations

from typing import Final

STEP: Final = 32_768
"""Ids of one kind stand this far apart in a live store (seen in recorded ids)."""
FIRST_ID: Final = {
    "Location": 71_106_318_430,
    "Product": 8_220_854_182_194,
    "ProductVariant": 44_364_592_877_874,
    "InventoryItem": 46_469_430_055_218,
    "InventoryLevel": 56_776_556_511_538,
    "LocationLevels": 113_273_001_266,
    "FulfillmentService": 61_081_113_394,
    "BulkOperation": 5_933_223_797_042,
    "Order": 6_735_479_398_706,
    "LineItem": 15_312_619_651_378,
    "FulfillmentOrder": 7_659_302_248_754,
    "FulfillmentOrderLineItem": 16_461_847_580_978,
    "Fulfillment": 5_870_312_030_514,
    "FulfillmentLineItem": 13_512_905_064_754,
    "Refund": 924_353_632_562,
    "RefundLineItem": 724_151_140_658,
    "Return": 17_203_568_946,
    "ReverseFulfillmentOrder": 11_907_825_970,
    "ReverseFulfillmentOrderLineItem": 21_207_646_514,
    "ReverseFulfillmentOrderDisposition": 9_703_981_362,
    "SalesAgreement": 8_120_377_082_162,
    "Sale": 14_711_306_387_762,
    "InventoryAdjustmentGroup": 44_640_716_251_442,
    "Metafield": 31_470_253_351_218,
}
