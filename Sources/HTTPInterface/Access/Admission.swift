/// A request or an upgrade that has passed access control.
package struct Admission: Sendable {
    package let caller: Caller
    /// The rate of the caller's key, where that differs from the service's.
    let perMinute: Int?
    /// The rate limiter's decision on this request; nil where requests are not counted.
    var rate: RateDecision?
    /// Whether requests also count for the caller's tenant.
    var countsForTenant = false
}

/// The requests in a minute of all callers of one tenant.
package struct TenantRate: Sendable, Equatable {
    let name: String
    let perMinute: Int

    package init(name: String, perMinute: Int) {
        self.name = name
        self.perMinute = perMinute
    }
}

/// What a route requires of its callers.
package struct AccessRequirement: Sendable, Equatable {
    package let access: Access
    /// Whether each request counts against the caller's rate.
    package let isRateLimited: Bool
    /// Whether the key may also come as Jupyter's clients send it: `Authorization: token KEY`, or `?token=KEY`.
    package let acceptsTokens: Bool

    package init(_ access: Access, isRateLimited: Bool, acceptsTokens: Bool = false) {
        self.access = access
        self.isRateLimited = isRateLimited
        self.acceptsTokens = acceptsTokens
    }
}
