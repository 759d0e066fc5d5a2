internal import Dispatch
internal import RunModel

/// Does what waits for the disk on a thread that may wait.
func onDisk<Value: Sendable>(
    _ body: @escaping @Sendable () throws(APIError) -> Value
) async throws(APIError) -> Value {
    let result: Result<Value, APIError> = await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
            continuation.resume(returning: Result { () throws(APIError) in try body() })
        }
    }
    return try result.get()
}
