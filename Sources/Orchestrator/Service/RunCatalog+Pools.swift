internal import Images
internal import Policies
internal import RunModel

extension RunCatalog {
    /// The pools of all images whose roots are there: for each, those of every policy made for it.
    package var pools: [PooledSandboxes.Description] {
        let content = content
        let planner = planner
        var pools: [PooledSandboxes.Description] = []
        for image in content.images.images {
            let policies = content.policies.policies.values.filter { $0.image == image.name }
                .sorted { $0.name < $1.name }
            for policy in policies {
                // An image that is not built yet has no pool; it gets one with the next reload after.
                do { pools += try planner.pools(for: image, under: policy) } catch {}
            }
        }
        return pools
    }
}
