internal import Glibc

/// The error for a system call that just failed in this thread: `<action>: <reason> (errno n)`.
func systemFailure(_ action: String, code: ImageError.Code = .storage, errno number: Int32 = errno) -> ImageError {
    ImageError(code, "\(action): \(String(cString: strerror(number))) (errno \(number))")
}
