/// The cgroup controllers of a host and where each one is. Made by `CgroupReport.inspect`.
package struct CgroupHost: Sendable, Equatable {
    package enum Layout: String, Sendable {
        /// Every controller in v1, and no v2 tree mounted: no `cgroup.kill`.
        case legacy
        /// Controllers in v1, and a v2 tree beside them.
        case hybrid
        /// Everything in v2.
        case unified
    }

    /// v1 hierarchies in use; co-mounted controllers share one.
    package let v1: [CgroupHierarchy]
    package let v2: CgroupHierarchy?

    package init(v1: [CgroupHierarchy], v2: CgroupHierarchy?) {
        self.v1 = v1
        self.v2 = v2
    }

    package var layout: Layout {
        if v1.isEmpty { return .unified }
        return v2 == nil ? .legacy : .hybrid
    }

    /// Every hierarchy in use; the v2 tree comes last.
    package var hierarchies: [CgroupHierarchy] {
        v1 + (v2.map { [$0] } ?? [])
    }
}
