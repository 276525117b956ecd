#include "libs/auth/jwks_file.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace chatflow::auth {

JwksFile::JwksFile(std::filesystem::path path) : path_(std::move(path)) {
    const auto read = refresh();
    if (!read) throw std::runtime_error(read.error());
}

std::shared_ptr<const KeySet> JwksFile::keys() const {
    const std::lock_guard lock(mutex_);
    return keys_;
}

std::expected<bool, std::string> JwksFile::refresh() {
    // Read whole each time: a Secret is swapped by a link, and time stamps may not move.
    std::ifstream file(path_, std::ios::binary);
    std::string content;
    if (file) {
        content.resize(kKeySetBytesMax + 1);
        file.read(content.data(), static_cast<std::streamsize>(content.size()));
        content.resize(static_cast<std::size_t>(file.gcount()));
    }
    if (keys_ && content == content_) return false;
    content_ = content;
    auto keys = KeySet::from_jwks(content);
    if (!keys) return std::unexpected(path_.string() + ": " + keys.error());
    const std::lock_guard lock(mutex_);
    keys_ = std::make_shared<const KeySet>(std::move(*keys));
    return true;
}

}  // namespace chatflow::auth
