#include "libs/jobs/queue_keys.hpp"

#include "libs/base/base64.hpp"

#include <algorithm>

namespace chatflow::jobs {

std::string QueueKeys::client_name(std::string_view worker) const {
    std::string name = prefix + ":" + encode_base64(queue);
    if (!worker.empty()) name += ":w:" + std::string(worker);
    return name;
}

bool is_queue_name(std::string_view text) {
    constexpr std::size_t kLengthMax = 200;
    const auto is_bad = [](char c) { return c == ':' || static_cast<unsigned char>(c) <= ' '; };
    return !text.empty() && text.size() <= kLengthMax && std::ranges::none_of(text, is_bad);
}

}  // namespace chatflow::jobs
