/// What the sandboxes of a pool are for.
package enum PoolStep: String, Sendable, Codable, CaseIterable {
    case compile, run, session

    package init(_ step: StepName) {
        switch step {
        case .compile: self = .compile
        case .run: self = .run
        }
    }
}

/// What is kept ready for one step of one image under one policy, as the API tells it.
package struct PoolReport: Sendable, Equatable, Codable {
    package var image: String
    package var policy: String
    package var step: PoolStep
    /// Whether it is being filled for rules that are not in force yet.
    package var warming: Bool
    /// How warm a run is that finds one parked.
    package var warm: WarmStart
    package var minimum: Int
    package var maximum: Int
    /// How many should be parked now.
    package var target: Int
    package var parked: Int
    package var building: Int
    package var leased: Int
    package var hits: Int64
    package var misses: Int64
    package var evicted: Int64
    package var failed: Int64
    package var requestsPerSecond: Double
    package var buildMilliseconds: Double
    /// Why the last build failed; nil when all is well.
    package var lastError: String?

    private enum CodingKeys: String, CodingKey {
        case image, policy, step, warming, warm, minimum, maximum, target, parked, building, leased, hits, misses,
            evicted
        case failed
        case lastError = "last_error"
        case requestsPerSecond = "requests_per_second"
        case buildMilliseconds = "build_ms"
    }

    package init(
        image: String, policy: String, step: PoolStep, warming: Bool = false, warm: WarmStart, minimum: Int,
        maximum: Int, target: Int,
        parked: Int, building: Int, leased: Int, hits: Int64, misses: Int64, evicted: Int64, failed: Int64,
        requestsPerSecond: Double, buildMilliseconds: Double, lastError: String?
    ) {
        self.image = image
        self.policy = policy
        self.step = step
        self.warming = warming
        self.warm = warm
        self.minimum = minimum
        self.maximum = maximum
        self.target = target
        self.parked = parked
        self.building = building
        self.leased = leased
        self.hits = hits
        self.misses = misses
        self.evicted = evicted
        self.failed = failed
        self.requestsPerSecond = requestsPerSecond
        self.buildMilliseconds = buildMilliseconds
        self.lastError = lastError
    }
}
