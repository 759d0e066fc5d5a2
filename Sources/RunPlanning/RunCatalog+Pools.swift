internal import Images
internal import Policies
internal import RunModel
package import SandboxPool

extension RunCatalog {
    /// The pools of what is in force.
    package var pools: [PoolDescription] { current.pools }
}

extension RunCatalog.Candidate {
    /// The pools of all images whose roots are there: for each, those of every policy made for it. Looks at the disk.
    package var pools: [PoolDescription] {
        var pools: [PoolDescription] = []
        for image in content.images.images {
            let all = content.policies.policies.values
            var policies = all.filter { $0.image == image.name }
            // A version of a language that has none of its own shares those of the language.
            if policies.isEmpty { policies = all.filter { $0.image == image.language } }
            // The one that its runs get without naming any.
            if policies.isEmpty, let usual = planner.usualPolicy(for: image) { policies = [usual] }
            for policy in policies.sorted(by: { $0.name < $1.name }) {
                // An image that is not built yet has no pool; it gets one with the next reload after.
                do { pools += try planner.pools(for: image, under: policy) } catch {}
            }
        }
        return pools
    }
}
