// What comes before a handler: bytes to requests. However they are cut, the same requests are
// understood; what is refused is refused with 4xx or 5xx in words, and nothing exceeds its bound.
#include "libs/http/request_parser.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace chatflow::http;
using State = RequestParser::State;

constexpr std::size_t kRequestsMax = 16;

void expect(bool holds) {
    if (!holds) std::abort();
}

Limits limits() {
    Limits limits;
    limits.header_bytes = 512;
    limits.body_bytes = 256;
    limits.headers = 8;
    return limits;
}

void check_refusal(const Response& refusal) {
    expect(refusal.status >= 400 && refusal.status < 600);
    expect(refusal.content_type == "application/problem+json" && !refusal.body.empty());
}

// One request as it was understood.
std::string understood(RequestParser& parser) {
    const Request& request = parser.request();
    expect(request.body.size() <= limits().body_bytes);
    expect(request.headers.size() <= limits().headers);
    expect(std::ranges::count_if(request.headers, [](const HeaderView& header) {
               return header.name == "Host" || header.name == "host";
           }) <= 1);
    expect(!request.header("Content-Length") || !request.header("Transfer-Encoding"));
    std::string text(name_of(request.method));
    text.append(" ").append(request.target).append("|").append(request.path);
    text.append("?").append(request.query).append("|").append(request.body);
    for (const auto& [name, value] : request.headers) text.append("|").append(name).append(value);
    return text + (parser.keep_alive() ? "|on" : "|end");
}

// The requests before the end, or before one that is refused. `piece`: how many more bytes come at
// a time. What is refused before it is whole may be waited for when it comes in pieces.
std::vector<std::string> read(std::string_view text, std::size_t piece) {
    RequestParser parser(limits());
    std::vector<std::string> requests;
    std::size_t begin = 0;
    for (std::size_t end = std::min(piece, text.size());;) {
        begin += parser.feed(text.substr(begin, end - begin));
        expect(begin <= end);
        if (parser.state() == State::Refused) {
            check_refusal(parser.refusal());
            break;
        }
        if (parser.state() == State::Complete) {
            requests.push_back(understood(parser));
            if (!parser.keep_alive() || requests.size() == kRequestsMax) break;
            parser.reset();
            if (begin < end) continue;
        }
        if (end == text.size()) break;
        end = std::min(end + piece, text.size());
    }
    return requests;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what libFuzzer passes
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto whole = read(text, size + 1);
    expect(read(text, 1) == whole);
    expect(read(text, 7) == whole);
    return 0;
}
