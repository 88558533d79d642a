"""The functions that streams of the table ask, as sources: each is zipped as it is."""

TRANSFORM = """
import base64

def answer(text, record):
    if text == "DUPLICATE":
        return [dict(record, result="Ok", data="b2s=")] * 2
    if text == "MISSING":
        return []
    if text == "STRAY":
        return [{"recordId": "stray", "result": "Ok", "data": "b2s="}]
    if text == "NO DATA":
        return [dict(record, result="Ok", data=None)]
    if text == "NOT BASE64":
        return [dict(record, result="Ok", data="***")]
    if text == "HUGE":
        return [dict(record, result="Ok", data="b2s=" * 1600000)]
    if text.startswith("KEY "):
        keys = {"partitionKeys": {"k": text[4:]}}
        return [dict(record, result="Ok", data=base64.b64encode(text.encode()).decode(), metadata=keys)]
    if text in ("Dropped", "ProcessingFailed", "ok", "Unknown"):
        return [dict(record, result=text, data="b2s=")]
    return [dict(record, result="Ok", data=base64.b64encode(text.upper().encode()).decode())]

def handler(event, context):
    texts = [(base64.b64decode(r["data"]).decode(), {"recordId": r["recordId"]}) for r in event["records"]]
    if any(text == "RAISE" for text, _ in texts):
        raise ValueError("as asked")
    if any(text == "NO RECORDS" for text, _ in texts):
        return {}
    if any(text == "NOT AN OBJECT" for text, _ in texts):
        return []
    if any(text == "EVENT" for text, _ in texts):
        import json
        data = base64.b64encode(json.dumps(event).encode()).decode()
        return {"records": [dict(record, result="Ok", data=data) for _, record in texts]}
    return {"records": [each for text, record in reversed(texts) for each in answer(text, record)]}
"""
ECHO = """
import base64, json

def handler(event, context):
    texts = [base64.b64decode(r["data"]).decode() for r in event["records"]]
    data = base64.b64encode(json.dumps(texts).encode()).decode()
    first, *others = [r["recordId"] for r in event["records"]]
    dropped = [{"recordId": each, "result": "Dropped", "data": ""} for each in others]
    return {"records": [{"recordId": first, "result": "Ok", "data": data}, *dropped]}
"""
"""Answers with the texts of all records in the first one's place."""
NOTING = """
import json, os
import boto3

def handler(event, context):
    stream = event["deliveryStreamArn"].rpartition("/")[2]
    key = f"seen/{stream}/{event['invocationId']}"
    boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key=key, Body=json.dumps(event).encode())
    if os.environ["RAISES"]:
        raise ValueError("as asked")
    return {"records": [{"recordId": r["recordId"], "result": "Ok", "data": r["data"]} for r in event["records"]]}
"""
"""Notes every event it gets in the bucket."""
SLEEPING = """
import time

def handler(event, context):
    time.sleep(60)
"""
