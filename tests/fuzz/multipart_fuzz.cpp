// A form as anybody may send it: what is found lies within the body, and bounds hold.
#include "workloads/chat-server/domain/multipart.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace chatflow::chat;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto line = text.find('\n');  // the Content-Type, then the body
    if (line == std::string_view::npos) return 0;
    const std::string_view body = text.substr(line + 1);
    const auto form = parse_form(text.substr(0, line), body);
    if (!form) {
        if (form.error().empty()) std::abort();
        return 0;
    }
    if (form->size() > kFormPartsMax) std::abort();
    for (const FormPart& part : *form) {
        if (part.content.empty()) continue;
        if (part.content.data() < body.data() ||
            part.content.data() + part.content.size() > body.data() + body.size()) {
            std::abort();
        }
    }
    return 0;
}
