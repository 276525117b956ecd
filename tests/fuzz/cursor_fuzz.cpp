// Cursors come back from clients: what is taken is what this program would write.
#include "workloads/chat-server/domain/cursor.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace chatflow::chat;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto seq = decode_message_cursor(text);
    const auto id = decode_id_cursor(text);
    if (seq && id) std::abort();  // a cursor of one list is no cursor of the other
    if (seq && encode_message_cursor(*seq) != text) std::abort();
    if (id && encode_id_cursor(*id) != text) std::abort();
    return 0;
}
