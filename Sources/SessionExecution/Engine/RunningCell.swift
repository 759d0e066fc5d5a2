internal import RunModel
internal import SessionModel

/// The cell that runs.
struct RunningCell: Sendable {
    enum Stage: Sendable, Equatable {
        case busy
        case waiting(token: String, since: Int64)
        case interrupting(Interrupting)
        /// The driver is done; what the cell wrote is still to be read.
        case draining(DriverRecord.DoneStatus)
    }

    /// Times of signals.
    struct Interrupting: Sendable, Equatable {
        /// Nil once it has been sent.
        var again: Int64?
        let end: Int64
    }

    let id: String
    let request: CellRequest
    let limits: CellLimits
    let onLimit: CellLimitAction
    let startedAt: Int64
    /// Processor time of the session when the cell began: as sampled last, until there is a sample of the cell's own.
    private(set) var cpuAtStart: Int64
    private var hasSample = false
    /// What the sandbox's own account showed when the cell began, and how much that has grown to its end; nil where nobody has looked.
    var meterAtStart: Int64?
    private(set) var measuredCPU: Int64?
    var stage = Stage.busy
    var waited: Int64 = 0
    /// Its driver says that what it reads next is not to be seen.
    var readsPassword = false
    /// What it was given, in order.
    var inputs: [String] = []
    /// Bytes of them that are kept.
    static let maximumInputBytes = 65_536
    var outputBytes = 0
    /// What the driver has said of it; told when all that the cell wrote has been: what it printed comes before.
    var result: (value: CellValue, seconds: Double)?
    var error: CellError?
    /// A client asked it to stop.
    var isInterrupted = false
    /// What it came up against.
    var limit: SessionLimitReport?

    var doneStatus: DriverRecord.DoneStatus? {
        if case .draining(let status) = stage { status } else { nil }
    }

    init(_ cell: SessionEngine.QueuedCell, onLimit: CellLimitAction, startedAt: Int64, cpu: Int64) {
        id = cell.id
        request = cell.request
        limits = cell.limits
        self.onLimit = onLimit
        self.startedAt = startedAt
        cpuAtStart = cpu
    }

    /// A sample has come. What the cells before it used since their last one is in the first: no more of that is this cell's than one
    /// processor could have done since it began.
    mutating func sampled(_ cpu: Int64, _ now: Int64) {
        if !hasSample { cpuAtStart = max(cpuAtStart, cpu - (now - startedAt)) }
        hasSample = true
    }

    /// The sandbox's account as the cell ends.
    mutating func metered(_ cpu: Int64?) {
        guard let cpu, let meterAtStart else { return }
        measuredCPU = max(cpu - meterAtStart, 0)
    }

    /// Without the time in which it waited for input: that is its user's.
    func wall(at now: Int64) -> Int64 {
        var waited = waited
        if case .waiting(_, let since) = stage { waited += now - since }
        return max(now - startedAt - waited, 0)
    }

    /// When it has run as long as it may; nil while it does not run by itself.
    var wallEnd: Int64? {
        if case .busy = stage { startedAt &+ waited &+ limits.wall } else { nil }
    }

    mutating func stopWaiting(_ now: Int64) {
        if case .waiting(_, let since) = stage { waited += now - since }
        stage = .busy
    }
}
