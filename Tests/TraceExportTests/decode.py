"""Decodes OTLP requests, one JSON document a line, with opentelemetry-proto, and prints what it has understood, as JSON.

OTLP's JSON has ids in hexadecimal where protobuf's has base64: they are translated here, and must be strings of the right length.
"""

import base64
import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2


def translate(span):
    for name, length in (("traceId", 32), ("spanId", 16), ("parentSpanId", 16)):
        if name in span:
            text = span[name]
            assert len(text) == length and text == text.lower(), (name, text)
            span[name] = base64.b64encode(bytes.fromhex(text)).decode()
    assert isinstance(span["kind"], int) and isinstance(span["startTimeUnixNano"], str), span


def value(item):
    kind = item.WhichOneof("value")
    return getattr(item, kind)


found = []
for line in sys.stdin:
    document = json.loads(line)
    for resource in document["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                translate(span)
    # Unknown names are errors.
    request = json_format.Parse(json.dumps(document), trace_service_pb2.ExportTraceServiceRequest())
    # What it has understood is what was there.
    again = trace_service_pb2.ExportTraceServiceRequest()
    again.ParseFromString(request.SerializeToString())
    assert again == request
    for resource in request.resource_spans:
        service = {item.key: value(item.value) for item in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                found.append(
                    {
                        "service": service.get("service.name"),
                        "scope": scope.scope.name,
                        "trace": span.trace_id.hex(),
                        "span": span.span_id.hex(),
                        "parent": span.parent_span_id.hex(),
                        "state": span.trace_state,
                        "name": span.name,
                        "kind": span.kind,
                        "start": span.start_time_unix_nano,
                        "end": span.end_time_unix_nano,
                        "status": span.status.code,
                        "message": span.status.message,
                        "flags": span.flags,
                        "attributes": {item.key: value(item.value) for item in span.attributes},
                        "events": [event.name for event in span.events],
                    }
                )
print(json.dumps(found))
