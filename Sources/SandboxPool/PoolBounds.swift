/// What one pool may hold.
package struct PoolSize: Sendable, Equatable {
    /// Kept parked however quiet it is.
    package var minimum: Int
    /// Never more parked than this.
    package var maximum: Int
    /// What one parked sandbox is taken to cost, in bytes.
    package var weight: Int64

    package init(minimum: Int, maximum: Int, weight: Int64) {
        self.minimum = minimum
        self.maximum = maximum
        self.weight = weight
    }

    /// Grows to hold what `other` asks for, too.
    mutating func cover(_ other: PoolSize) {
        minimum = max(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
        weight = max(weight, other.weight)
    }
}

/// What all pools together may hold.
package struct PoolBounds: Sendable, Equatable {
    /// Sandboxes parked or being built.
    package var parked: Int
    /// Bytes, by the weights of the pools.
    package var memory: Int64
    /// How many are built concurrently.
    package var builds: Int
    /// How many are built concurrently while the processors are wanted by runs.
    package var buildsUnderPressure: Int
    /// Percent of time in which some task waits for a processor (PSI, some avg10), above which that is so.
    package var pressure: Double

    package init(
        parked: Int = 256, memory: Int64 = 1 << 30, builds: Int, buildsUnderPressure: Int = 1, pressure: Double = 60
    ) {
        self.parked = parked
        self.memory = memory
        self.builds = builds
        self.buildsUnderPressure = buildsUnderPressure
        self.pressure = pressure
    }
}

/// What the driver of the pools has to do.
package enum PoolAction<Key: Hashable & Sendable>: Sendable, Equatable {
    /// Make a sandbox and tell how it went by `built` or `failed`.
    case build(Key, ticket: UInt64)
    /// End a parked sandbox; it is not the pool's any more.
    case discard(ticket: UInt64)
}

/// One pool at a moment.
package struct PoolStatus: Sendable, Equatable {
    package var size: PoolSize
    package var target = 0
    package var parked = 0
    package var building = 0
    package var leased = 0
    package var hits: Int64 = 0
    package var misses: Int64 = 0
    package var built: Int64 = 0
    package var failed: Int64 = 0
    package var evicted: Int64 = 0
    /// Requests per second, smoothed.
    package var rate: Double = 0
    /// Nanoseconds a build takes, smoothed.
    package var buildTime: Int64 = 0
    /// Why the last build failed; nil while builds succeed.
    package var lastError: String?

    package init(size: PoolSize) {
        self.size = size
    }
}
