// Socket.IO packets. None may crash, and what was accepted holds what its type promises.
#include "workloads/socket/protocol/json_text.hpp"
#include "workloads/socket/protocol/socket_packet.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace chatflow::socket;

void expect(bool holds) {
    if (!holds) std::abort();
}

void read(std::string_view text) {
    const auto packet = parse_socket_packet(text);
    if (!packet) return expect(!packet.error().empty());
    expect(packet->attachments <= kAttachmentsMax);
    for (const std::string_view argument : packet->arguments) expect(is_json(argument));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what libFuzzer passes
    read(std::string_view(reinterpret_cast<const char*>(data), size));
    return 0;
}
