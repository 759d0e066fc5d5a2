internal import FairQueue
package import RunModel
package import Tenants

/// Which tenant a submission belongs to, and whether that tenant may have it: one answer for runs and sessions, whatever the
/// transport. Safe from any thread; asks nothing but memory.
package final class Tenancy: Sendable {
    package let usage: TenantUsage
    private let inForce: @Sendable () -> TenantSet
    /// Of the places of the queue, those that one tenant may take when there are several.
    private let queued: Int

    /// - Parameters:
    ///   - inForce: the tenants in force.
    ///   - queued: how many runs may wait together.
    package init(usage: TenantUsage, queued: Int = .max, inForce: @escaping @Sendable () -> TenantSet) {
        self.usage = usage
        self.queued = queued
        self.inForce = inForce
    }

    /// Where there are no files of tenants.
    package static func none(date: @escaping @Sendable () -> Int64) -> Tenancy {
        Tenancy(usage: TenantUsage(date: date)) { .none }
    }

    /// The tenants in force, by name.
    package var tenants: [Tenant] { inForce().tenants.values.sorted { $0.name < $1.name } }

    package func tenant(of owner: RunOwner) -> Tenant {
        inForce().tenant(ofKey: owner == .anyone ? nil : owner.description)
    }

    /// The tenant of a key.
    package func tenant(ofKey key: String) -> Tenant { inForce().tenant(ofKey: key) }

    /// What the queue has to know of a tenant. One of several leaves half of the queue to others unless its file says otherwise.
    func terms(of tenant: Tenant) -> QueueTerms {
        var terms = tenant.terms
        if terms.queued == nil, inForce().isConfigured, queued < .max { terms.queued = max(queued / 2, 1) }
        return terms
    }

    /// Checks what a tenant asks for.
    ///
    /// - Throws: `NOT_ALLOWED`, or `QUOTA_EXCEEDED`.
    package func check(_ tenant: Tenant, language: String, policy: String) throws(APIError) {
        try check("language", language, among: tenant.languages, tenant)
        try check("policy", policy, among: tenant.policies, tenant)
        try checkQuota(tenant)
    }

    /// Checks what a tenant has left of the day.
    ///
    /// - Throws: `QUOTA_EXCEEDED`.
    package func checkQuota(_ tenant: Tenant) throws(APIError) {
        guard tenant.daily != Tenant.Daily() else { return }
        let used = usage.today(tenant.name)
        if let runs = tenant.daily.runs, used.runs >= runs { throw exceeded("runs", "\(used.runs)", "\(runs)", tenant) }
        if let cpu = tenant.daily.cpu, used.cpu * 1_000_000 >= Double(cpu) {
            throw exceeded("cpu", "\(Int64(used.cpu)) ms", "\(cpu / 1_000_000) ms", tenant)
        }
        if let bytes = tenant.daily.bytes, used.bytes >= bytes {
            throw exceeded("bytes", "\(used.bytes)", "\(bytes)", tenant)
        }
    }

    /// The priority of a run.
    ///
    /// - Throws: `INVALID_REQUEST` for one that the tenant may not use.
    package func priority(_ asked: Int?, of tenant: Tenant) throws(APIError) -> Int {
        guard let asked else { return tenant.priority }
        guard tenant.priorities.contains(asked) else {
            let range = "\(tenant.priorities.lowerBound) to \(tenant.priorities.upperBound)"
            throw APIError(
                .invalidRequest, "priority \(asked) is not allowed to tenant \(tenant.name), allowed are \(range)",
                details: ["priority": "is \(asked), allowed are \(range)"])
        }
        return asked
    }

    private func check(
        _ field: String, _ value: String, among allowed: [String]?, _ tenant: Tenant
    ) throws(APIError) {
        guard let allowed, !allowed.contains(value) else { return }
        let list = allowed.isEmpty ? "none" : allowed.joined(separator: ", ")
        throw APIError(
            .notAllowed, "\(field) \(value) is not allowed to tenant \(tenant.name), allowed are: \(list)",
            details: ["field": field, "value": value, "allowed": list])
    }

    private func exceeded(_ field: String, _ value: String, _ allowed: String, _ tenant: Tenant) -> APIError {
        let reset = Timestamp.text(milliseconds: usage.resetsAt)
        return APIError(
            .quotaExceeded,
            "tenant \(tenant.name) has used its \(field) of the day: \(value) of \(allowed); counting begins again at \(reset)",
            retryable: false,
            details: ["field": "daily.\(field)", "value": value, "allowed": allowed, "resets_at": reset])
    }
}
