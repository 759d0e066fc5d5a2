internal import Glibc
internal import RunModel
internal import SandboxSpec

/// The exit status of `nestbox run`.
enum RunExit {
    static let limit = ExitTable.limit
    static let failed: Int32 = CommandFailure.failedStatus
    static let compileError = ExitTable.compileError

    static func status(of outcome: RunOutcome) -> Int32 {
        switch outcome.verdict {
        case .ok, .nonzeroExit, .signaled:
            switch outcome.status {
            case .exited(let code): return Int32(code)
            case .signaled(let signal): return 128 + Int32(signal)
            case nil: return failed
            }
        case .compileError: return compileError
        case .cpuLimit, .wallLimit, .idleLimit, .memoryLimit, .outputLimit, .diskLimit: return limit
        case .syscallDenied: return 128 + SIGSYS
        case .cancelled: return 128 + SIGINT
        case .internalError: return failed
        }
    }
}
