#include "libs/jobs/queue_keys.hpp"

#include <algorithm>
#include <cstdint>

namespace chatflow::jobs {
namespace {

std::string base64(std::string_view bytes) {
    static constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            const auto byte = i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U;
            group = (group << 8U) | byte;
        }
        for (std::size_t j = 0; j < 4; ++j) {
            const bool is_filled = i + j <= bytes.size();
            text += is_filled ? kDigits[(group >> (18U - 6U * j)) & 63U] : '=';
        }
    }
    return text;
}

}  // namespace

std::string QueueKeys::client_name(std::string_view worker) const {
    std::string name = prefix + ":" + base64(queue);
    if (!worker.empty()) name += ":w:" + std::string(worker);
    return name;
}

bool is_queue_name(std::string_view text) {
    constexpr std::size_t kLengthMax = 200;
    const auto is_bad = [](char c) { return c == ':' || static_cast<unsigned char>(c) <= ' '; };
    return !text.empty() && text.size() <= kLengthMax && std::ranges::none_of(text, is_bad);
}

}  // namespace chatflow::jobs
