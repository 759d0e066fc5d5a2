package import LinuxSystem

/// A seccomp filter that could not be made.
package enum FilterError: Error, Equatable, CustomStringConvertible {
    case unknownSyscall(String)
    /// A name that no sandbox gets, whatever its policy says (`NeverSyscalls`).
    case forbiddenSyscall(String)
    case system(SystemCallError)
    /// More instructions than the sandbox side takes.
    case tooLong(instructions: Int, allowed: Int)

    package var description: String {
        switch self {
        case .unknownSyscall(let name): "unknown system call \(name)"
        case .forbiddenSyscall(let name): "system call \(name) is never allowed"
        case .system(let error): error.description
        case .tooLong(let instructions, let allowed): "filter of \(instructions) instructions, allowed are \(allowed)"
        }
    }
}
