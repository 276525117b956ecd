#include "controller/domain/redis/sentinel_memory.hpp"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chatflow::redis_topology {
namespace {

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream text(line);
    return {std::istream_iterator<std::string>(text), {}};
}

// "sentinel monitor NAME ADDRESS PORT QUORUM", "sentinel known-replica NAME ADDRESS PORT", …
constexpr std::size_t kAddressWord = 3;

bool names_a_server(const std::vector<std::string>& words) {
    return words.size() > kAddressWord && words[0] == "sentinel" &&
           (words[1] == "monitor" || words[1] == "known-replica" || words[1] == "known-sentinel");
}

}  // namespace

std::string to_text(const Addresses& addresses) {
    std::string text;
    for (const auto& [name, address] : addresses) text += fmt::format("{} {}\n", name, address);
    return text;
}

Addresses addresses_from(const std::string& text) {
    Addresses addresses;
    std::istringstream words(text);
    for (std::string name, address; words >> name >> address;) addresses[name] = address;
    return addresses;
}

std::string with_present_addresses(const std::string& kept, const Addresses& before,
                                   const Addresses& now) {
    Addresses moved;  // from the old address to the new one
    for (const auto& [name, address] : before) {
        const auto found = now.find(name);
        if (found != now.end() && found->second != address) moved[address] = found->second;
    }
    if (moved.empty()) return kept;
    std::string text;
    std::istringstream lines(kept);
    for (std::string line; std::getline(lines, line);) {
        std::vector<std::string> words = words_of(line);
        if (!names_a_server(words)) {
            text += line + '\n';
            continue;
        }
        std::string& address = words[kAddressWord];
        const auto is_at = [&address](const auto& present) { return present.second == address; };
        if (const auto found = moved.find(address); found != moved.end()) {
            address = found->second;
        } else if (std::ranges::none_of(now, is_at)) {
            if (words[1] == "monitor") return {};
            continue;
        }
        text += fmt::format("{}\n", fmt::join(words, " "));
    }
    return text;
}

}  // namespace chatflow::redis_topology
