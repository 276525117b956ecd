#include "workloads/chat-server/domain/near_copies.hpp"

#include <utility>

namespace chatflow::chat {

const std::string* NearCopies::find(std::string_view key, Moment now) const {
    const auto place = copies_.find(key);
    if (place == copies_.end() || place->second.until <= now) return nullptr;
    return &place->second.text;
}

void NearCopies::keep(std::string key, std::string text, std::uint64_t changes_when_asked,
                      Moment now) {
    if (changes_when_asked != changes_ || text.size() > kCopyBytesMax) return;
    // Most are over by then: they live for a second.
    if (copies_.size() >= kCopiesMax) copies_.clear();
    copies_.insert_or_assign(std::move(key), Copy{std::move(text), now + kLife});
}

void NearCopies::forget(std::string_view key) {
    ++changes_;
    const auto place = copies_.find(key);
    if (place != copies_.end()) copies_.erase(place);
}

void NearCopies::forget_all() {
    ++changes_;
    copies_.clear();
}

}  // namespace chatflow::chat
