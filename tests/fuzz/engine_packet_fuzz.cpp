// Bodies of POSTs and queries of polling clients. None may crash, and what was accepted holds what
// its type promises.
#include "workloads/socket/protocol/engine_packet.hpp"
#include "workloads/socket/protocol/handshake.hpp"

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
    const auto packets = parse_engine_payload(text);
    if (packets) expect(!packets->empty() && packets->size() <= kPayloadPacketsMax);
    (void)parse_engine_packet(text);
    (void)parse_engine_query(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what libFuzzer passes
    read(std::string_view(reinterpret_cast<const char*>(data), size));
    return 0;
}
