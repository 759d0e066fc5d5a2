internal import Foundation

extension SettingFormat where Value == [String] {
    /// Exact origins.
    static let origins = list("exact origins such as https://example.org", SettingValue.isOrigin)

    /// Values of a Host header.
    static let hosts = list(
        "names such as nestbox.example.org, *.example.org or [::1]:8080", SettingValue.isHost)

    private static func list(_ allowed: String, _ isAllowed: @escaping @Sendable (String) -> Bool) -> SettingFormat {
        SettingFormat(kind: .list) { (found) throws(SettingValue.Invalid) in
            let wrong = found.items.filter { !isAllowed($0) }
            guard wrong.isEmpty else { throw SettingValue.Invalid(found: wrong, allowed: allowed) }
            return found.items
        }
    }
}

extension SettingFormat where Value == [AddressBlock] {
    static let blocks = SettingFormat(kind: .list) { (found) throws(SettingValue.Invalid) in
        let wrong = found.items.filter { AddressBlock($0) == nil }
        guard wrong.isEmpty else {
            throw SettingValue.Invalid(
                found: wrong, allowed: "addresses and blocks such as 10.0.0.0/8 or fd00::/8")
        }
        return found.items.compactMap { AddressBlock($0) }
    }
}

extension SettingLayers.Found {
    /// The items of a list, without those that are empty.
    var items: [String] { list.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty } }
}
