internal import FairQueue
package import RunModel
internal import Synchronization
internal import Tenants

/// What tenants have and use.
extension RunService {
    /// Of the tenant of an owner.
    package func tenantReport(of owner: RunOwner) -> TenantReport {
        let tenant = tenancy.tenant(of: owner)
        let loads = state.withLock { $0.admission.loads }
        return report(tenant, loads.filter { $0.tenant == tenant.name })
    }

    /// Of all tenants, by name.
    package var tenantReports: [TenantReport] {
        let loads = Dictionary(grouping: state.withLock { $0.admission.loads }, by: \.tenant)
        return tenancy.tenants.map { report($0, loads[$0.name] ?? []) }
    }

    private func report(_ tenant: Tenant, _ loads: [FairQueue<RunID>.Load]) -> TenantReport {
        let used = tenancy.usage.today(tenant.name)
        return TenantReport(
            tenant: tenant.name, description: tenant.description, weight: tenant.weight,
            running: loads.reduce(0) { $0 + $1.running }, queued: loads.reduce(0) { $0 + $1.waiting },
            used: TenantReport.Used(
                runs: used.runs, cpuMilliseconds: (used.cpu * 1000).rounded() / 1000, bytes: used.bytes),
            limits: TenantReport.Limits(
                rate: tenant.rate, concurrent: tenant.concurrent, queued: tenant.queued, sessions: tenant.sessions,
                runs: tenant.daily.runs, cpuMilliseconds: tenant.daily.cpu.map { Double($0) / 1_000_000 },
                bytes: tenant.daily.bytes),
            languages: tenant.languages, policies: tenant.policies,
            resetsAt: Timestamp.text(milliseconds: tenancy.usage.resetsAt))
    }
}
