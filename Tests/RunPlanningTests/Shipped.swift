import Foundation
import Images
import Policies
import RunModel
import RunPlanning
import SandboxSpec
import Testing

/// The images and policies that are shipped.
enum Shipped {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardizedFileURL.path

    private static let catalog: (images: ImageLibrary, policies: PolicySet)? = {
        do {
            return (try ImageLibrary(directory: root + "/images"), try PolicySet.load(directory: root + "/policies"))
        } catch {
            return nil
        }
    }()

    /// A planner for which every image is built.
    static func planner(_ cache: PlanCache? = nil) throws -> RunPlanner {
        let (images, policies) = try #require(catalog)
        return RunPlanner(images: images, policies: policies, cache: cache) { (image) throws(ImageError) in
            .tree("/roots/\(image.name)")
        }
    }

    static var images: [Image] { catalog?.images.images ?? [] }
}
