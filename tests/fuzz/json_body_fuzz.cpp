// Every JSON body that the API takes: read or refused in words, with bounded depth.
#include "workloads/chat-server/domain/account.hpp"
#include "workloads/chat-server/domain/error_report.hpp"
#include "workloads/chat-server/domain/membership.hpp"
#include "workloads/chat-server/domain/message_change.hpp"
#include "workloads/chat-server/domain/parse_body.hpp"
#include "workloads/chat-server/domain/payment.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

template <class Parsed>
void check(const Parsed& parsed) {
    if (!parsed && parsed.error().empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace chatflow::chat;
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    check(parse_new_room(body));
    check(parse_room_change(body));
    check(parse_new_message(body, ""));
    check(parse_new_message(body, "01934567-89ab-7def-8123-456789abcdef"));
    check(parse_message_change(body));
    check(parse_sign_up(body));
    check(parse_log_in(body));
    check(parse_refresh(body));
    check(parse_profile_change(body));
    check(parse_ban(body, {}));
    check(parse_receipt(body));
    check(parse_member(body));
    check(parse_new_payment(body));
    check(parse_payment_event(body));
    check(parse_review(body));
    check(parse_error_report(body));
    return 0;
}
