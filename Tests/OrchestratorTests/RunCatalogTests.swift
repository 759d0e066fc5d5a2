import Foundation
import Images
import Orchestrator
import Policies
import RunModel
import SandboxSpec
import Testing

@Suite("Catalog")
struct RunCatalogTests {
    @Test("a reload that fails in either folder changes nothing in both, one that works changes everything")
    func reload() throws {
        let folder = NSTemporaryDirectory() + "nestbox-catalog-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func write(_ text: String, to name: String) throws {
            let url = URL(fileURLWithPath: folder + "/" + name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        func policy(cpu: String) -> String {
            """
            version: 1
            name: toy
            image: toy
            limits: {cpu: \(cpu), wall: 15s, idle: 10s, memory: 256MiB, processes: 64, output: 1MiB, disk: 1MiB,
              inodes: 512, file_size: 1MiB, open_files: 64, cpus: 1.0}
            warn_at: 80%
            network: none
            syscalls: {allow: [read, write]}
            pool: {min: 0, max: 4, warm: none}

            """
        }
        func image(alias: String) -> String {
            "version: 1\nname: toy\naliases: [\(alias)]\nroot: {host: true}\nfile: main\nrun: [sh, main]\n"
                + "check: {code: x, stdout: y}\n"
        }
        try write(policy(cpu: "5s"), to: "policies/toy.yaml")
        try write(image(alias: "one"), to: "images/toy/image.yaml")
        let catalog = try RunCatalog(
            images: folder + "/images", policies: folder + "/policies", store: ImageStore(state: folder + "/state"))
        func cpu() throws -> Int64? { try catalog.planner.settings(language: "toy").limits[.cpu] }
        #expect(try cpu() == 5_000_000_000)

        try write(image(alias: "two"), to: "images/toy/image.yaml")
        try write(policy(cpu: "5"), to: "policies/toy.yaml")
        #expect(throws: APIError.self) { try catalog.reload() }
        #expect(try cpu() == 5_000_000_000)
        #expect(throws: APIError.self) { try catalog.planner.settings(language: "two") }

        try write(policy(cpu: "6s"), to: "policies/toy.yaml")
        try catalog.reload()
        #expect(try cpu() == 6_000_000_000)
        #expect(try catalog.planner.settings(language: "two").image.name == "toy")
    }
}
