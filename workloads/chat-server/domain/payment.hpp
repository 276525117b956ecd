#pragma once

#include "libs/base/field_error.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::chat {

/// Where a payment is. Later ones in this list are not undone by earlier ones: what a gateway tells
/// may come in any order.
enum class PaymentState {
    Review,      // people decide first
    Processing,  // the gateway is asked, again and again
    Failed,      // the gateway refused for good
    Rejected,    // people refused it
    Succeeded,
    Refunded,
};
[[nodiscard]] std::string_view to_string(PaymentState state);
[[nodiscard]] std::optional<PaymentState> payment_state_named(std::string_view name);

/// What a client asks for.
struct NewPayment {
    std::int64_t amount = 0;  // in the currency's smallest unit: cents
    std::string currency;     // ISO 4217, in capitals
    std::string method;       // a token of the gateway: numbers of cards never come here
    std::string description;

    bool operator==(const NewPayment&) const = default;
};
/// {"amount","currency","method","description"?}
[[nodiscard]] std::expected<NewPayment, FieldErrors> parse_new_payment(std::string_view body);

/// What is known of the payer at that moment.
struct PayerHistory {
    std::int64_t payments_last_hour = 0;
    std::int64_t failed_last_day = 0;
    std::int64_t amount_last_day = 0;  // succeeded or under way, same currency
    std::int64_t account_age_hours = 0;
    bool has_paid_before = false;
};

/// How much a payment looks like fraud.
struct RiskVerdict {
    enum class Step { Allow, Review, Refuse };
    Step step = Step::Allow;
    int score = 0;                     // 0 to 100
    std::vector<std::string> reasons;  // for those who review

    bool operator==(const RiskVerdict&) const = default;
};
/// Adds what each rule that holds counts. From 40 people look at it, from 80 it is refused.
[[nodiscard]] RiskVerdict judge_risk(const NewPayment& payment, const PayerHistory& payer);

struct Payment {
    std::string id;  // UUID
    std::string user_id;
    NewPayment what;
    PaymentState state = PaymentState::Processing;
    int risk_score = 0;
    std::string reasons;  // JSON: ["…"]
    std::string failure;  // why it failed or was rejected; ""
    std::string created_at;
    std::string updated_at;
};
[[nodiscard]] std::string to_json(const Payment& payment);
/// With the risk: for those who review.
[[nodiscard]] std::string to_review_json(const Payment& payment);

/// What a gateway tells of a payment.
struct PaymentEvent {
    std::string id;  // the gateway's; told twice it is one event
    std::string payment_id;
    PaymentState state = PaymentState::Processing;
    std::string failure;

    bool operator==(const PaymentEvent&) const = default;
};
/// {"id","type":"payment.succeeded|failed|refunded|processing","payment_id","failure"?}; what else
/// is in it does not matter.
[[nodiscard]] std::expected<PaymentEvent, FieldErrors> parse_payment_event(std::string_view body);

/// Whether news of `told` changes a payment that is `now`.
[[nodiscard]] bool is_news(PaymentState now, PaymentState told);

/// {"decision":"approve"|"reject","note"?}
struct PaymentReview {
    bool is_approved = false;
    std::string note;
};
[[nodiscard]] std::expected<PaymentReview, FieldErrors> parse_review(std::string_view body);

}  // namespace chatflow::chat
