// WebSocket frames, with and without compression. None may crash, messages stay within their bound,
// and texts are UTF-8.
#include "libs/base/utf8.hpp"
#include "workloads/socket/protocol/deflate.hpp"
#include "workloads/socket/protocol/websocket_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

namespace {

using namespace chatflow::socket;

void expect(bool holds) {
    if (!holds) std::abort();
}

constexpr std::size_t kMessageMax = 4096;

void read(std::string_view text, Inflater* inflater) {
    std::string bytes(text);
    std::span<char> input(bytes);
    WebSocketReader reader;
    for (;;) {
        const auto event = reader.next(input, kMessageMax, inflater);
        expect(event.size <= input.size());
        expect(event.payload.size() <= kMessageMax);
        if (event.kind == WebSocketEvent::Kind::Text) expect(chatflow::is_utf8(event.payload));
        if (event.size == 0) return;
        input = input.subspan(event.size);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what libFuzzer passes
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    read(text, nullptr);
    static Inflater inflater;
    read(text, &inflater);
    (void)accept_deflate(text);
    return 0;
}
