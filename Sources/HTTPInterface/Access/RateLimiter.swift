internal import Synchronization

/// The decision of a token bucket.
package struct RateDecision: Sendable, Equatable {
    package let isAllowed: Bool
    /// The most requests in a burst.
    package let limit: Int
    package let remaining: Int
    /// Seconds until the bucket is full again.
    package let resetSeconds: Int
    /// Seconds after which to try again; 0 when allowed.
    package let retryAfterSeconds: Int
}

/// Token buckets by name. Safe from any thread; times are nanoseconds of a monotonic clock, given by the caller.
///
/// Bounded: when there are too many names, those with full buckets are removed, which changes nothing for
/// them; if those are few, half of the others are, too. So one pass over the table makes room for many names.
package final class RateLimiter: Sendable {
    private struct Bucket {
        /// Thousandths of a token.
        var level: Int64
        /// The time up to which tokens have been added.
        var at: Int64
        var perMinute: Int64
    }

    private let perMinute: Int64
    private let burst: Int64
    private let maximumKeys: Int
    private let buckets = Mutex<[String: Bucket]>([:])

    /// - Parameters:
    ///   - perMinute: tokens that come back in a minute.
    ///   - burst: tokens of a full bucket.
    package init(perMinute: Int, burst: Int, maximumKeys: Int = 10_000) {
        self.perMinute = Int64(min(max(perMinute, 1), 1_000_000_000))
        self.burst = Int64(min(max(burst, 1), 1_000_000_000))
        self.maximumKeys = max(maximumKeys, 2)
    }

    /// Takes a token, if one is available.
    ///
    /// - Parameters:
    ///   - perMinute: the rate of this name, when it differs.
    ///   - maximumBurst: the most tokens of its bucket, when that is less than others have.
    package func take(
        _ key: String, now: Int64, perMinute: Int? = nil, maximumBurst: Int? = nil
    ) -> RateDecision {
        let burst = min(self.burst, maximumBurst.map { Int64(max($0, 1)) } ?? self.burst)
        let rate = perMinute.map { Int64(min(max($0, 1), 1_000_000_000)) } ?? self.perMinute
        return buckets.withLock { buckets in
            if buckets.count >= maximumKeys, buckets[key] == nil { makeRoom(&buckets, now) }
            var bucket = buckets[key] ?? Bucket(level: burst * 1000, at: now, perMinute: rate)
            bucket.perMinute = rate
            refill(&bucket, now, burst)
            let isAllowed = bucket.level >= 1000
            if isAllowed { bucket.level -= 1000 }
            buckets[key] = bucket
            return RateDecision(
                isAllowed: isAllowed, limit: Int(burst), remaining: Int(bucket.level / 1000),
                resetSeconds: Self.seconds(for: burst * 1000 - bucket.level, rate),
                retryAfterSeconds: isAllowed ? 0 : max(Self.seconds(for: 1000 - bucket.level, rate), 1))
        }
    }

    /// The seconds until so many thousandths are available, rounded up: a caller that waits that long is admitted.
    private static func seconds(for missing: Int64, _ rate: Int64) -> Int {
        Int((missing * 60 + rate * 1000 - 1) / (rate * 1000))
    }

    private func refill(_ bucket: inout Bucket, _ now: Int64, _ burst: Int64) {
        bucket.level = min(bucket.level, burst * 1000)
        let (elapsed, isTooLong) = now.subtractingReportingOverflow(bucket.at)
        guard !isTooLong, elapsed > 0 else { return }
        // Thousandths: rate * 1000 / 60e9 per nanosecond.
        let gained = Double(elapsed) * Double(bucket.perMinute) / 60_000_000
        guard gained < Double(burst * 1000 - bucket.level) else {
            (bucket.level, bucket.at) = (burst * 1000, now)
            return
        }
        let whole = Int64(gained)
        bucket.level += whole
        // The remainder of the time is kept, or a caller that asks often would get fewer tokens than its rate.
        let used = (Double(whole) * 60_000_000 / Double(bucket.perMinute)).rounded(.up)
        bucket.at = min(bucket.at + Int64(used), now)
    }

    private func makeRoom(_ buckets: inout [String: Bucket], _ now: Int64) {
        buckets = buckets.filter { entry in
            var bucket = entry.value
            refill(&bucket, now, burst)
            return bucket.level < burst * 1000
        }
        guard buckets.count > maximumKeys / 4 * 3 else { return }
        // All buckets are in use: the oldest ones are removed, which admits their callers a little early.
        let cut = buckets.values.map(\.at).sorted()[buckets.count / 2]
        buckets = buckets.filter { $0.value.at > cut }
    }
}
