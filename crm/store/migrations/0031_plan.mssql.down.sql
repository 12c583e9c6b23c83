DROP TABLE crm_sold_month;
DROP TABLE crm_line_cost;
