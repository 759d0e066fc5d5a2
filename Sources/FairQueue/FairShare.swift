/// Start-time fair queueing over flows with weights: whose turn it is, so that the cost that each flow has had grows as its weight
/// while it wants more.
///
/// A flow has a *tag*: the cost it has had, divided by its weight, on a scale that all flows share. The ready flow with the smallest
/// tag is next. The *virtual time* is the largest tag that was ever next; a flow that becomes ready begins there at the earliest, so
/// that nobody saves up turns. Costs are charged when something starts, as an estimate, and corrected when the real cost is known.
///
/// A value. Each operation takes O(log n), apart from the removal of old flows, which is rare.
package struct FairShare<Flow: Hashable & Sendable>: Sendable {
    private struct State: Sendable {
        var tag: Double
        var weight: Double
    }

    /// Flows that want nothing are remembered while their tag is ahead of the virtual time; this many at most.
    private let maximumIdle: Int
    private var flows: [Flow: State] = [:]
    private var ready = IndexedHeap<Flow>()
    private var largestTag = 0.0
    package private(set) var virtualTime = 0.0
    /// The weights of all ready flows.
    package private(set) var readyWeight = 0.0

    package init(maximumIdle: Int = 4096) {
        self.maximumIdle = max(maximumIdle, 1)
    }

    /// How many flows are remembered.
    package var count: Int { flows.count }
    package var readyCount: Int { ready.count }

    package func isReady(_ flow: Flow) -> Bool { ready.contains(flow) }

    /// The tag at which the flow would be served now.
    package func tag(of flow: Flow) -> Double {
        guard let state = flows[flow] else { return virtualTime }
        return ready.contains(flow) ? state.tag : max(state.tag, virtualTime)
    }

    /// The flow has something that could start, or has not.
    ///
    /// - Parameter weight: above 0.
    package mutating func set(_ flow: Flow, isReady: Bool, weight: Double = 1) {
        guard isReady else {
            if ready.remove(flow), let state = flows[flow] { readyWeight -= state.weight }
            if ready.isEmpty { readyWeight = 0 }
            return
        }
        var state = State(tag: tag(of: flow), weight: weight)
        if ready.contains(flow), let old = flows[flow] {
            guard old.weight != weight else { return }
            readyWeight -= old.weight
            state.tag = old.tag
        }
        readyWeight += weight
        flows[flow] = state
        ready.set(flow, key: state.tag)
        if flows.count > maximumIdle + ready.count { forget() }
    }

    /// The flow whose turn it is: the first that is acceptable, and the first of all when none is.
    ///
    /// - Parameter isAcceptable: false for few flows only: each of these is looked at.
    package mutating func next(where isAcceptable: (Flow) -> Bool) -> Flow? {
        guard let first = ready.first else { return nil }
        guard !isAcceptable(first) else { return first }
        var passed: [Flow] = []
        while let flow = ready.first, !isAcceptable(flow) {
            passed.append(flow)
            ready.remove(flow)
        }
        let found = ready.first
        for flow in passed { if let state = flows[flow] { ready.set(flow, key: state.tag) } }
        return found ?? first
    }

    /// Something of a flow starts.
    ///
    /// - Parameter cost: an estimate.
    package mutating func charge(_ flow: Flow, _ cost: Double) {
        virtualTime = max(virtualTime, tag(of: flow))
        adjust(flow, by: cost)
    }

    /// What was charged of a flow was too little, or too much (below 0).
    package mutating func adjust(_ flow: Flow, by cost: Double) {
        guard var state = flows[flow] else { return }
        state.tag += cost / state.weight
        flows[flow] = state
        largestTag = max(largestTag, state.tag)
        if ready.contains(flow) { ready.set(flow, key: state.tag) }
    }

    /// Nobody had to wait: what flows have had until now took nothing from others, and is forgiven.
    package mutating func forgive() {
        virtualTime = max(virtualTime, largestTag)
    }

    private mutating func forget() {
        flows = flows.filter { ready.contains($0.key) || $0.value.tag > virtualTime }
        guard flows.count > maximumIdle + ready.count else { return }
        // All of them have had more than others: those that have had least are forgotten, which does least harm.
        let tags = flows.filter { !ready.contains($0.key) }.values.map(\.tag).sorted()
        let cut = tags[tags.count / 2]
        flows = flows.filter { ready.contains($0.key) || $0.value.tag > cut }
    }
}
