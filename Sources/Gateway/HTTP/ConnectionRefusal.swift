internal import RunModel
package import WebSockets

/// What is said to a client whose request never became one: an error as everywhere, with the status of the refusal.
package enum ConnectionRefusal {
    package static func body(_ refusal: HTTPRefusal) -> (type: String, body: [UInt8]) {
        let error = APIError(
            refusal.status == 413 ? .bodyTooLarge : .invalidRequest, refusal.reason, retryable: refusal.status == 408)
        guard let bytes = try? JSONText.encode(APIErrorBody(error)) else {
            return ("text/plain; charset=utf-8", Array("\(refusal.reason)\n".utf8))
        }
        return ("application/json", bytes)
    }
}
