#include "controller/clients/kube/query.hpp"

#include "libs/base/percent_encode.hpp"

namespace chatflow::kube {

Query& Query::add(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    text_ += text_.empty() ? '?' : '&';
    text_ += name;
    text_ += '=';
    text_ += percent_encode(value);
    return *this;
}

}  // namespace chatflow::kube
