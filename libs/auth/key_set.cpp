#include "libs/auth/key_set.hpp"

#include "libs/auth/strict_json.hpp"

namespace chatflow::auth {

std::expected<KeySet, std::string> KeySet::from_jwks(std::string_view text) {
    if (text.size() > kKeySetBytesMax) return std::unexpected("must not be over 256 KiB");
    const auto document = parse_strict_object(text);
    if (!document || !document->contains("keys") || !(*document)["keys"].is_array()) {
        return std::unexpected("must be a JSON object with an array \"keys\"");
    }
    const auto& entries = (*document)["keys"];
    if (entries.size() > kKeysMax) return std::unexpected("must not hold more than 64 keys");
    std::vector<Key> keys;
    std::string last_problem = "it is empty";
    for (std::size_t i = 0; i < entries.size(); ++i) {
        auto key = Key::from_jwk(entries[i]);
        if (key) {
            keys.push_back(std::move(*key));
        } else {
            last_problem = "keys[" + std::to_string(i) + "] " + key.error();
        }
    }
    if (keys.empty()) return std::unexpected("holds no usable key: " + last_problem);
    return KeySet(std::move(keys));
}

std::vector<const Key*> KeySet::candidates(const std::string& key_id, Algorithm algorithm) const {
    std::vector<const Key*> found;
    for (const Key& key : keys_) {
        // A key without kid fits any token: one secret from the configuration has none.
        const bool is_meant = key_id.empty() || key.id().empty() || key.id() == key_id;
        if (is_meant && key.serves(algorithm)) found.push_back(&key);
    }
    return found;
}

}  // namespace chatflow::auth
