"""客户响应中心门户, the customer-service response portal. One folder per capability."""
