#include "controller/clients/prometheus/instant_vector.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

namespace chatflow::prom {
namespace {

std::optional<double> parse_sample_value(std::string_view text) {
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (text == "+Inf" || text == "Inf") return std::numeric_limits<double>::infinity();
    if (text == "-Inf") return -std::numeric_limits<double>::infinity();
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

TimePoint from_unix_seconds(double seconds) {
    return TimePoint{std::chrono::microseconds{std::llround(seconds * 1e6)}};
}

/// Follows {"status":…,"data":{"resultType":…,"result":[{"metric":{…},"value":[time,"number"]},…]}}
/// by depth: 1 the answer, 2 data, 3 the result list, 4 a sample, 5 its metric or value.
class VectorReader final : public nlohmann::json::json_sax_t {
 public:
    VectorReader(std::span<const std::string_view> labels, const SampleVisitor& visit)
        : names_(labels), visit_(visit), labels_(labels.size()) {}

    bool start_object(std::size_t) override {
        ++depth_;
        if (in_result_ && depth_ == 4) begin_sample();
        if (in_result_ && depth_ == 5) in_labels_ = key_ == "metric";
        return true;
    }
    bool end_object() override {
        if (in_result_ && depth_ == 4) finish_sample();
        in_labels_ = false;
        --depth_;
        return true;
    }
    bool start_array(std::size_t) override {
        ++depth_;
        if (depth_ == 3 && key_ == "result") {
            in_result_ = true;
            if (type_ == "scalar") begin_sample();
        }
        return true;
    }
    bool end_array() override {
        if (in_result_ && depth_ == 3) {
            if (type_ == "scalar") finish_sample();
            in_result_ = false;
        }
        --depth_;
        return true;
    }
    bool key(std::string& name) override {
        key_ = name;
        return true;
    }
    bool string(std::string& text) override {
        if (in_result_) {
            in_sample(text);
        } else if (depth_ == 1 && key_ == "status") {
            status_ = text;
        } else if (depth_ == 1 && key_ == "error") {
            error_ = text;
        } else if (depth_ == 2 && key_ == "resultType") {
            type_ = text;
        }
        return true;
    }
    bool number_integer(number_integer_t number) override {
        return time(static_cast<double>(number));
    }
    bool number_unsigned(number_unsigned_t number) override {
        return time(static_cast<double>(number));
    }
    bool number_float(number_float_t number, const std::string&) override { return time(number); }
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool binary(binary_t&) override { return false; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
        return false;
    }

    [[nodiscard]] std::expected<void, api::MetricError> outcome(bool well_formed) const {
        if (!error_.empty() || status_ == "error") {
            return std::unexpected(api::MetricError{"QueryFailed", "Prometheus says: " + error_});
        }
        if (!well_formed || status_ != "success" || malformed_) {
            return std::unexpected(api::MetricError{
                "UnreadableAnswer", "the answer is not one of Prometheus' query API"});
        }
        if (type_ != "vector" && type_ != "scalar") {
            return std::unexpected(api::MetricError{
                "QueryFailed",
                "the query yields a " + type_ + " and must yield a vector or a scalar"});
        }
        return {};
    }

 private:
    void begin_sample() {
        for (std::string& label : labels_) label.clear();
        value_.reset();
        at_ = TimePoint{};
    }

    void in_sample(const std::string& text) {
        if (!in_labels_) {
            if (key_ != "value" && type_ != "scalar") return;
            value_ = parse_sample_value(text);
            if (!value_) malformed_ = true;
            return;
        }
        for (std::size_t i = 0; i < names_.size(); ++i) {
            if (key_ == names_[i]) labels_[i] = text;
        }
    }

    bool time(double seconds) {
        if (in_result_) at_ = from_unix_seconds(seconds);
        return true;
    }

    void finish_sample() {
        if (!value_) {
            malformed_ = true;
            return;
        }
        visit_(VectorSample{labels_, *value_, at_});
    }

    std::span<const std::string_view> names_;
    const SampleVisitor& visit_;
    std::vector<std::string> labels_;
    std::optional<double> value_;
    TimePoint at_{};
    std::string key_, status_, error_, type_;
    int depth_ = 0;
    bool in_result_ = false;
    bool in_labels_ = false;  // of a sample
    bool malformed_ = false;
};

}  // namespace

std::expected<void, api::MetricError> read_instant_vector(std::string_view body,
                                                          std::span<const std::string_view> labels,
                                                          const SampleVisitor& visit) {
    VectorReader reader(labels, visit);
    const bool well_formed = nlohmann::json::sax_parse(body.begin(), body.end(), &reader);
    return reader.outcome(well_formed);
}

}  // namespace chatflow::prom
