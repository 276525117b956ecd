#include "workloads/socket/protocol/deflate.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include <zlib.h>

namespace chatflow::socket {
namespace {

// Clients of Python ask for windows of at most 12 bits; and messages are small.
constexpr int kSentWindowBits = 12;
constexpr int kTakenWindowBits = 15;
constexpr int kMemoryLevel = 7;
// The gateway lacks time rather than bandwidth.
constexpr int kLevel = Z_BEST_SPEED;
// What a sender leaves out at the end of each message, RFC 7692 §7.2.1.
constexpr std::string_view kTail{"\x00\x00\xff\xff", 4};
constexpr std::size_t kFirstBytes = 4096;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t";
    const auto begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// The part up to the mark, which goes with it.
std::string_view take_until(std::string_view& text, char mark) {
    const auto end = std::min(text.find(mark), text.size());
    const auto part = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

// 8 to 15; 0 for anything else.
int window_bits(std::string_view value) {
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
    }
    if (value == "8") return 8;
    if (value == "9") return 9;
    const bool is_two_digits = value.size() == 2 && value[0] == '1';
    return is_two_digits && value[1] >= '0' && value[1] <= '5' ? 10 + (value[1] - '0') : 0;
}

struct Offer {
    bool server_takes_over = true;
    bool client_takes_over = true;
    int server_bits = 0;
    bool has_client_bits = false;

    // False for one that we do not know, or that was there already.
    bool add(std::string_view name, std::optional<std::string_view> value) {
        if (name == "server_no_context_takeover" && !value) {
            return std::exchange(server_takes_over, false);
        }
        if (name == "client_no_context_takeover" && !value) {
            return std::exchange(client_takes_over, false);
        }
        if (name == "server_max_window_bits" && value && server_bits == 0) {
            server_bits = window_bits(*value);
            return server_bits != 0;
        }
        if (name == "client_max_window_bits" && !has_client_bits) {
            has_client_bits = true;
            return !value || window_bits(*value) != 0;
        }
        return false;
    }
};

std::optional<std::string> accept_offer(std::string_view text) {
    if (take_until(text, ';') != "permessage-deflate") return std::nullopt;
    Offer offer;
    while (!text.empty()) {
        std::string_view parameter = take_until(text, ';');
        const bool has_value = parameter.contains('=');
        const auto name = take_until(parameter, '=');
        const auto value = has_value ? std::optional(trimmed(parameter)) : std::nullopt;
        if (!offer.add(name, value)) return std::nullopt;
    }
    if (offer.server_bits != 0 && offer.server_bits < kSentWindowBits) return std::nullopt;
    std::string answer =
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    if (offer.server_bits != 0) {
        answer += "; server_max_window_bits=" + std::to_string(kSentWindowBits);
    }
    return answer;
}

// zlib takes its input as bytes that it promises not to change.
Bytef* bytes_of(std::string_view text) {
    const void* const bytes = text.data();
    return const_cast<Bytef*>(static_cast<const Bytef*>(bytes));  // NOLINT
}

void give_room(z_stream& stream, std::string& out, std::size_t bytes) {
    const std::size_t used = out.size() - stream.avail_out;
    out.resize(bytes);
    void* const free = out.data() + used;
    stream.next_out = static_cast<Bytef*>(free);
    stream.avail_out = static_cast<uInt>(bytes - used);
}

}  // namespace

std::optional<std::string> accept_deflate(std::string_view extensions) {
    while (!extensions.empty()) {
        if (auto answer = accept_offer(take_until(extensions, ','))) return answer;
    }
    return std::nullopt;
}

struct Inflater::Stream : z_stream {};

Inflater::Inflater() : stream_(std::make_unique<Stream>()) {
    if (inflateInit2(stream_.get(), -kTakenWindowBits) != Z_OK) throw std::bad_alloc();
}

Inflater::~Inflater() { inflateEnd(stream_.get()); }

std::expected<std::string_view, CloseCode> Inflater::inflate(std::string_view payload,
                                                             std::size_t bytes_max) {
    z_stream& stream = *stream_;
    inflateReset(&stream);
    message_.clear();
    stream.avail_out = 0;
    give_room(stream, message_, std::min(kFirstBytes, bytes_max + 1));
    for (const std::string_view part : {payload, kTail}) {
        stream.next_in = bytes_of(part);
        stream.avail_in = static_cast<uInt>(part.size());
        while (stream.avail_in > 0) {
            if (stream.avail_out == 0) {
                if (message_.size() > bytes_max) return std::unexpected(CloseCode::TooBig);
                give_room(stream, message_, std::min(message_.size() * 2, bytes_max + 1));
            }
            const int result = ::inflate(&stream, Z_SYNC_FLUSH);
            // A sender may end the data within a message; what follows begins anew.
            if (result == Z_STREAM_END) inflateReset(&stream);
            if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
                return std::unexpected(CloseCode::NotUtf8);
            }
        }
    }
    // The input may be taken while output still waits for room.
    while (stream.avail_out == 0) {
        if (message_.size() > bytes_max) return std::unexpected(CloseCode::TooBig);
        give_room(stream, message_, std::min(message_.size() * 2, bytes_max + 1));
        const int result = ::inflate(&stream, Z_SYNC_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
            return std::unexpected(CloseCode::NotUtf8);
        }
    }
    message_.resize(message_.size() - stream.avail_out);
    if (message_.size() > bytes_max) return std::unexpected(CloseCode::TooBig);
    return message_;
}

struct Deflater::Stream : z_stream {};

Deflater::Deflater() : stream_(std::make_unique<Stream>()) {
    if (deflateInit2(stream_.get(), kLevel, Z_DEFLATED, -kSentWindowBits, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::bad_alloc();
    }
}

Deflater::~Deflater() { deflateEnd(stream_.get()); }

std::optional<std::string_view> Deflater::deflate(std::string_view message) {
    z_stream& stream = *stream_;
    deflateReset(&stream);
    payload_.clear();
    stream.avail_out = 0;
    // With the tail it may be as long as the message, but then it is of no use.
    give_room(stream, payload_, message.size() + kTail.size());
    stream.next_in = bytes_of(message);
    stream.avail_in = static_cast<uInt>(message.size());
    if (::deflate(&stream, Z_SYNC_FLUSH) != Z_OK || stream.avail_out == 0) return std::nullopt;
    const auto whole = std::string_view(payload_).substr(0, payload_.size() - stream.avail_out);
    if (!whole.ends_with(kTail) || whole.size() - kTail.size() >= message.size()) {
        return std::nullopt;
    }
    return whole.substr(0, whole.size() - kTail.size());
}

}  // namespace chatflow::socket
