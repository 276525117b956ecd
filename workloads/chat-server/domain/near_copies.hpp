#pragma once

#include "libs/base/deadline.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace chatflow::chat {

/// Copies of what a cache server holds, kept by one thread while the server tells it which keys
/// change. Nothing older than kLife is given, whatever the server fails to tell. Pure: the moment
/// comes in.
class NearCopies {
 public:
    using Moment = Deadline::Clock::time_point;

    static constexpr std::chrono::seconds kLife{1};
    static constexpr std::size_t kCopiesMax = 4'096;        // some 500 bytes each
    static constexpr std::size_t kCopyBytesMax = 8 * 1024;  // what is larger is not kept

    /// What `keep` is given back: taken before the server is asked.
    [[nodiscard]] std::uint64_t changes() const { return changes_; }

    /// Null: ask the server. Good until the next call of another member.
    [[nodiscard]] const std::string* find(std::string_view key, Moment now) const;

    /// An answer of the server. It may be older than a change that was told while it was on its
    /// way, so it is not kept then.
    void keep(std::string key, std::string text, std::uint64_t changes_when_asked, Moment now);

    void forget(std::string_view key);
    void forget_all();

 private:
    struct Copy {
        std::string text;
        Moment until;
    };
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    std::unordered_map<std::string, Copy, Hash, std::equal_to<>> copies_;
    std::uint64_t changes_ = 0;
};

}  // namespace chatflow::chat
